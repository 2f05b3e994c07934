import { replay } from "../replay.js";

window.eventlens?.use(replay());
