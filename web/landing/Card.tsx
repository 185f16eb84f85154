import { type ReactNode, useEffect, useRef } from 'react';
import { Logo } from '../app/Home.tsx';

/** A page of one question. Its heading takes the focus whenever it changes. */
export function Card({ title, children }: { title: string; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
    document.title = `${title} · Alex Edge`;
  }, [title]);
  return (
    <main className="empty">
      <div className="card">
        <Logo />
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {children}
      </div>
    </main>
  );
}
