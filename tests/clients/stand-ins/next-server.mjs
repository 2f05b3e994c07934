// next/server: its NextResponse is a web standard Response with more around it than a route handler needs.
export class NextResponse extends Response {}
