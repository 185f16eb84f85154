import type { TimeWindow } from '../../protocol/messages/access-policy.ts';
import { Field } from '../ui/Field.tsx';
import type { PolicyForm } from './policy-form.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
/** As most calendars have them: Monday first. */
const ORDER = [1, 2, 3, 4, 5, 6, 0] as const;

/** The hours of an access policy: a time zone, and windows of some days. */
export function HoursFields(props: {
  form: PolicyForm;
  problemOf: (part: string) => string | null;
  onChange: (some: Partial<PolicyForm>) => void;
}) {
  const { form, problemOf, onChange } = props;
  const { windows } = form;
  const setWindow = (at: number, some: Partial<TimeWindow>): void =>
    onChange({ windows: windows.map((each, index) => (index === at ? { ...each, ...some } : each)) });
  const problem = problemOf('windows');
  return (
    <>
      <Field label="Time zone" error={problemOf('timeZone')}>
        {(control) => (
          <input
            {...control}
            autoComplete="off"
            spellCheck={false}
            value={form.timeZone}
            onChange={({ target }) => onChange({ timeZone: target.value })}
          />
        )}
      </Field>
      {windows.map((window, at) => (
        <fieldset key={at} className="window">
          <legend>Window {at + 1}</legend>
          <span className="days">
            {ORDER.map((day) => (
              <label key={day} className="day">
                <input
                  type="checkbox"
                  checked={window.days.includes(day)}
                  onChange={({ target }) =>
                    setWindow(at, {
                      days: ORDER.filter((each) =>
                        each === day ? target.checked : window.days.includes(each),
                      ),
                    })
                  }
                />
                {DAYS[day]}
              </label>
            ))}
          </span>
          <span className="hours">
            {(['from', 'to'] as const).map((end) => (
              <input
                key={end}
                type="time"
                aria-label={`Window ${at + 1} ${end}`}
                value={window[end]}
                onChange={({ target }) => setWindow(at, { [end]: target.value })}
              />
            ))}
            {windows.length > 1 && (
              <button
                type="button"
                className="button small"
                aria-label={`Remove window ${at + 1}`}
                onClick={() => onChange({ windows: windows.filter((_, index) => index !== at) })}
              >
                Remove
              </button>
            )}
          </span>
        </fieldset>
      ))}
      {problem !== null && (
        <p className="error" role="alert">
          {problem}
        </p>
      )}
      <button
        type="button"
        className="button small"
        onClick={() =>
          onChange({ windows: [...windows, { days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00' }] })
        }
      >
        Add a window
      </button>
    </>
  );
}
