export const metadata = {
  title: 'Academic Resource Discovery',
  description: 'Search studies, datasets and questionnaires.',
};

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
