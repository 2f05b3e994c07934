import { createServer } from "@event-lens/nextjs/server";
import { headers } from "next/headers";
import { Choose } from "./choose";

export const metadata = { title: "Pricing" };

const eventlens = createServer({
  api: process.env.EVENTLENS_URL,
  clientId: process.env.EVENTLENS_CLIENT_ID,
  clientSecret: process.env.EVENTLENS_CLIENT_SECRET,
});

async function order() {
  "use server";
  await eventlens.revenue(4200, { currency: "EUR" }, { headers: await headers() });
}

export default function Pricing() {
  return (
    <>
      <Choose />
      <form action={order}>
        <button id="order">Order</button>
      </form>
    </>
  );
}
