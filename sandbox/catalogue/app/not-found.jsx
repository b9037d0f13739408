export const metadata = { title: '404: This page could not be found.' };

export default function NotFound() {
  return <h1>This page could not be found.</h1>;
}
