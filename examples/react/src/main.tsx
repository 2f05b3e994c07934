import { EventLens, useEventLens, useTrack } from "@event-lens/react";
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

const api = import.meta.env?.VITE_EVENTLENS_URL ?? "http://localhost:3002";
const clientId = import.meta.env?.VITE_EVENTLENS_CLIENT_ID ?? "EVENTLENS_CLIENT_ID";

/** The smallest router there is: what measures the page only sees the history. */
function usePath(): [string, (path: string) => void] {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const back = () => setPath(location.pathname);
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);
  const go = (to: string) => {
    history.pushState(null, "", to);
    setPath(to);
  };
  return [path, go];
}

function Pricing() {
  const eventlens = useEventLens();
  useTrack("pricing_seen", { plans: 3 });
  return <button id="choose" onClick={() => eventlens.track("plan_chosen", { plan: "team" })}>Choose</button>;
}

function App() {
  const [path, go] = usePath();
  const [user, setUser] = useState<string>();
  useEffect(() => {
    document.title = path === "/pricing" ? "Pricing" : "Shop";
  }, [path]);
  return (
    <>
      <EventLens api={api} clientId={clientId} profileId={user} traits={{ firstName: "Ada" }} properties={{ app: "react" }} />
      <h1>{document.title}</h1>
      <button id="home" onClick={() => go("/")}>Home</button>
      <button id="pricing" onClick={() => go("/pricing")}>Pricing</button>
      <button id="sign-in" onClick={() => setUser(user ? undefined : "user-react")}>{user ? "Sign out" : "Sign in"}</button>
      {path === "/pricing" && <Pricing />}
    </>
  );
}

createRoot(document.getElementById("root")!).render(<StrictMode><App /></StrictMode>);
