import { EventLens } from "@event-lens/nextjs";

// Read when the server starts, not when the app is built.
export const dynamic = "force-dynamic";
export const metadata = { title: "Shop", icons: "data:," };

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>
        <EventLens api="/stats" clientId={process.env.EVENTLENS_CLIENT_ID} properties={{ app: "next" }} />
        {children}
      </body>
    </html>
  );
}
