import { createEventLens } from "@event-lens/vue";
import { createApp } from "vue";
import App from "./App.vue";

const api = import.meta.env?.VITE_EVENTLENS_URL ?? "http://localhost:3002";
const clientId = import.meta.env?.VITE_EVENTLENS_CLIENT_ID ?? "EVENTLENS_CLIENT_ID";

createApp(App).use(createEventLens({ api, clientId })).mount("#app");
