import i18n from "i18next";
import { initReactI18next } from "react-i18next";

import { en, type Texts } from "@/locales/en";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: Texts };
  }
}

export const LANGUAGES = { en: "English", ko: "한국어" } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = "eventlens.language";

function isLanguage(value: string | null | undefined): value is Language {
  return value !== null && value !== undefined && value in LANGUAGES;
}

function preferred(): Language {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(KEY);
  } catch {
    // storage may be forbidden
  }
  if (isLanguage(kept)) return kept;
  const wished = navigator.languages.map((each) => each.slice(0, 2));
  return wished.find(isLanguage) ?? "en";
}

async function load(language: Language): Promise<void> {
  if (language === "ko" && !i18n.hasResourceBundle("ko", "translation")) {
    const { ko } = await import("@/locales/ko");
    i18n.addResourceBundle("ko", "translation", ko);
  }
  await i18n.changeLanguage(language);
  document.documentElement.lang = language;
}

export async function startLanguage(): Promise<void> {
  await i18n.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
  });
  await load(preferred());
}

export function setLanguage(language: Language): void {
  localStorage.setItem(KEY, language);
  void load(language);
}
