import { errors } from "../errors.js";

window.eventlens?.use(errors());
