import { type ReactNode, useEffect, useRef } from 'react';
import { useKeptFocus } from './use-kept-focus.ts';

/** A page of the settings. Its heading takes the focus, so that who listens hears where they are. */
export function Page(props: { title: string; lead?: ReactNode; wide?: boolean; children: ReactNode }) {
  const { title } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
    document.title = `${title} · Alex Edge`;
    return () => {
      document.title = 'Alex Edge';
    };
  }, [title]);
  return (
    <div className="page" data-wide={props.wide === true}>
      <header className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {props.lead !== undefined && <p className="lead">{props.lead}</p>}
      </header>
      {props.children}
    </div>
  );
}

/** A part of a page, with what can be done there at its right. It keeps the focus that something in it loses by going. */
export function Section(props: {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  danger?: boolean;
  children?: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  return (
    <section className="section" data-danger={props.danger === true} {...useKeptFocus(heading)}>
      <header className="section-head">
        <div>
          <h2 ref={heading} tabIndex={-1}>
            {props.title}
          </h2>
          {props.lead !== undefined && <p className="hint">{props.lead}</p>}
        </div>
        {props.actions}
      </header>
      {props.children}
    </section>
  );
}
