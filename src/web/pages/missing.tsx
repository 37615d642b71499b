import { Link } from 'react-router';
import { useTitle } from '../parts/title.ts';

export function MissingPage() {
  useTitle('No such page');
  return (
    <>
      <h1>There is no such page</h1>
      <p className="empty">
        Go to <Link to="/">the studies</Link>.
      </p>
    </>
  );
}
