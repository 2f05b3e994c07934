import { createRoute } from "@event-lens/nextjs/route";

export const { GET, POST } = createRoute({ api: process.env.EVENTLENS_URL });
