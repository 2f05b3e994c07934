// react-native, expo-application and expo-constants: a phone whose state the script changes.
const listeners = [];

export const AppState = {
  addEventListener(kind, listener) {
    if (kind === 'change') listeners.push(listener);
    return { remove() {} };
  },
};
export const comeToFront = () => listeners.forEach((listener) => listener('active'));

export const Platform = { OS: process.env.PLATFORM };
export const nativeApplicationVersion = '2.4.1';
export const nativeBuildVersion = '2041';
export const getInstallReferrerAsync = async () => 'utm_source=google-play&utm_medium=organic';

export default { getWebViewUserAgentAsync: async () => process.env.USER_AGENT };
