import { useState } from 'react';
import { DeletionApi } from '../../client/api-deletion.ts';
import type { Deletion } from '../../protocol/messages/deletion.ts';
import { api } from '../app/api.ts';
import { Confirm } from './Confirm.tsx';
import { awaitDeletion } from './deletion.ts';
import { Icon } from './Icon.tsx';
import { Section } from './Page.tsx';
import { save } from './save.ts';
import { Problem } from './States.tsx';
import { toast } from './toast.ts';
import { useAction } from './use-loaded.ts';

export const deletionApi = new DeletionApi(api.transport);

/** Takes a copy of everything, and deletes it: an account, or a workspace. */
export function DeleteSection(props: {
  /** What it is, as in “Delete the account”. */
  what: string;
  lead: string;
  /** What goes with it, plainly. */
  warning: string;
  /** What has to be typed. */
  typed: string;
  fileName: string;
  exportAll: () => Promise<ReadableStream<Uint8Array>>;
  begin: () => Promise<Deletion>;
  onDone: () => void;
}) {
  const { what, typed } = props;
  const [asking, setAsking] = useState(false);
  const [progress, setProgress] = useState<string | null>(null);
  const copy = useAction();
  const exportAll = (): void =>
    void copy.run(async () => {
      save(await new Response(await props.exportAll()).blob(), props.fileName);
      toast('The export is in your downloads.');
    });

  return (
    <Section
      title={`Delete the ${what}`}
      lead={props.lead}
      danger
      actions={
        <div className="section-actions">
          <button type="button" className="button" disabled={copy.busy} onClick={exportAll}>
            <Icon name="download" /> {copy.busy ? 'Exporting…' : 'Export first'}
          </button>
          <button type="button" className="button danger-quiet" onClick={() => setAsking(true)}>
            Delete the {what}
          </button>
        </div>
      }
    >
      {copy.error !== null && <Problem error={copy.error} />}
      {asking && (
        <Confirm
          question={{
            title: `Delete the ${what}?`,
            body: (
              <>
                <p>{props.warning} This cannot be undone.</p>
                {progress !== null && <p role="status">{progress}</p>}
              </>
            ),
            action: `Delete the ${what}`,
            typed,
            onConfirm: async () => {
              const deletion = await props.begin();
              await awaitDeletion(deletion, (each) => deletionApi.progress(each), setProgress);
              props.onDone();
            },
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </Section>
  );
}
