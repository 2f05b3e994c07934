import { vitals } from "../vitals.js";

window.eventlens?.use(vitals());
