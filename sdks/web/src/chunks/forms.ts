import { forms } from "../forms.js";

window.eventlens?.use(forms());
