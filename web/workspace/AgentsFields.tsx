import { Agent } from '../../protocol/messages/access-policy.ts';
import { Check } from '../ui/Field.tsx';
import { Section } from '../ui/Page.tsx';
import type { PolicyForm } from './policy-form.ts';

const LABELS: Record<Agent, string> = {
  browser: 'Browsers that are signed in',
  program: 'Programs that are signed in, such as the command line',
  'api-key': 'API keys',
  guest: 'Guests who came by a share link',
};

/** What may act for people in the workspace. */
export function AgentsFields(props: {
  form: PolicyForm;
  problem: string | null;
  onChange: (some: Partial<PolicyForm>) => void;
}) {
  const { agents } = props.form;
  return (
    <Section title="By what">
      <fieldset className="checks" aria-describedby={props.problem === null ? undefined : 'agents-problem'}>
        <legend>What may act for people here</legend>
        {Agent.options.map((agent) => (
          <Check
            key={agent}
            label={LABELS[agent]}
            checked={agents.includes(agent)}
            onChange={(checked) =>
              props.onChange({
                agents: Agent.options.filter((each) => (each === agent ? checked : agents.includes(each))),
              })
            }
          />
        ))}
      </fieldset>
      {props.problem !== null && (
        <p id="agents-problem" role="alert" className="error">
          {props.problem}
        </p>
      )}
    </Section>
  );
}
