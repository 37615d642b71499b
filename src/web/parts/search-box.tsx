import { useEffect, useState } from 'react';

const PAUSE_MS = 250;

/** A search that asks when typing pauses, not at every letter. */
export function SearchBox({
  value,
  placeholder,
  onSearch,
}: {
  readonly value: string;
  readonly placeholder: string;
  readonly onSearch: (text: string) => void;
}) {
  const [typed, setTyped] = useState(value);
  const [asked, setAsked] = useState(value);
  if (value !== asked) {
    // The address changed by another way (back, a cleared filter).
    setAsked(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed.trim() === value) return;
    const pause = setTimeout(() => {
      setAsked(typed.trim());
      onSearch(typed.trim());
    }, PAUSE_MS);
    return () => clearTimeout(pause);
  }, [typed, value, onSearch]);
  return (
    <label className="search">
      Search
      <input
        type="search"
        maxLength={200}
        placeholder={placeholder}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </label>
  );
}
