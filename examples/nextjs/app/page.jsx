import Link from "next/link";

export default function Home() {
  return <Link id="pricing" href="/pricing">Pricing</Link>;
}
