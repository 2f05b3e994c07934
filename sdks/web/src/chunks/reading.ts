import { reading } from "../reading.js";

window.eventlens?.use(reading());
