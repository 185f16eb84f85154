import { type ComponentProps, type ReactNode, useId } from 'react';

/** What a control gets from the row it is in. */
interface Labelled {
  id: string;
  'aria-describedby'?: string;
  'aria-invalid'?: boolean;
}

/** A row of a form: the label, the control, a hint, and what is wrong with what was entered. */
export function Field(props: {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  children: (control: Labelled) => ReactNode;
}) {
  const id = useId();
  const { label, hint, error = null } = props;
  const described = [hint === undefined ? [] : [`${id}-hint`], error === null ? [] : [`${id}-error`]].flat();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {props.children({
        id,
        ...(described.length === 0 ? {} : { 'aria-describedby': described.join(' ') }),
        ...(error === null ? {} : { 'aria-invalid': true }),
      })}
      {hint !== undefined && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error !== null && (
        <p className="error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

/** A choice of few. `options`: value and words. */
export function Select<V extends string>(
  props: Omit<ComponentProps<'select'>, 'onChange' | 'value'> & {
    value: V;
    options: readonly (readonly [V, string])[];
    onChoose: (value: V) => void;
  },
) {
  const { options, onChoose, ...rest } = props;
  return (
    <select
      {...rest}
      className={`select ${rest.className ?? ''}`}
      onChange={({ target }) => {
        const chosen = options.find(([value]) => value === target.value);
        if (chosen !== undefined) onChoose(chosen[0]);
      }}
    >
      {options.map(([value, words]) => (
        <option key={value} value={value}>
          {words}
        </option>
      ))}
    </select>
  );
}

/** A box to tick, with words that explain it. */
export function Check(props: {
  label: ReactNode;
  hint?: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <label className="check-row">
      <input
        type="checkbox"
        checked={props.checked}
        disabled={props.disabled ?? false}
        onChange={({ target }) => props.onChange(target.checked)}
      />
      <span>
        {props.label}
        {props.hint !== undefined && <span className="hint">{props.hint}</span>}
      </span>
    </label>
  );
}
