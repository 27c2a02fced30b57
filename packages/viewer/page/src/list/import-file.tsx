import type { JSX } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

import type { ImportResult } from '../../../src/api.ts';
import { ask, messageOf } from '../ask.ts';
import { plural } from '../format.ts';
import { go } from '../location.ts';
import { traceHref } from '../route.ts';

/** Files that are taken from a picker, or dropped anywhere on the page. */
export interface Drop {
  readonly dropping: boolean;
  readonly problem: string;
  /** What came of the last files; empty before. */
  readonly imported: string;
  readonly take: (files: readonly File[]) => void;
}

export function useDrop(): Drop {
  const [dropping, setDropping] = useState(false);
  const [problem, setProblem] = useState('');
  const [imported, setImported] = useState('');

  const take = useCallback((files: readonly File[]) => {
    setProblem('');
    setImported('');
    void importFiles(files).then(
      ({ traceIds, spans, logs, missingSpans, leftOut }) => {
        const [only] = traceIds;
        const isWhole = missingSpans === 0 && leftOut === undefined;
        if (only !== undefined && traceIds.length === 1 && isWhole) return go(traceHref(only));
        const told = [
          `Imported ${plural(traceIds.length, 'trace')}: ${plural(spans, 'span')} and ${plural(logs, 'log line')}.`,
          missingSpans > 0 && `The store has no room for ${plural(missingSpans, 'span')} of them.`,
          leftOut !== undefined && `Not read: ${leftOut}.`,
        ];
        return setImported(told.filter(Boolean).join(' '));
      },
      (error: unknown) => setProblem(messageOf(error)),
    );
  }, []);

  useEffect(() => {
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;
    const over = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setDropping(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setDropping(false);
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setDropping(false);
      take([...(event.dataTransfer?.files ?? [])]);
    };
    document.addEventListener('dragover', over);
    document.addEventListener('dragleave', leave);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('dragleave', leave);
      document.removeEventListener('drop', drop);
    };
  }, [take]);

  return { dropping, problem, imported, take };
}

/** Opens the browser's choice of files. */
export function ImportButton({ take }: { readonly take: (files: readonly File[]) => void }): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="import" onClick={() => input.current?.click()}>
        Import OTLP JSON…
      </button>
      <input
        ref={input}
        type="file"
        accept=".json,.jsonl,application/json"
        multiple
        hidden
        aria-label="OTLP JSON files"
        onChange={(event) => {
          take([...(event.currentTarget.files ?? [])]);
          // The same file may be chosen once more.
          event.currentTarget.value = '';
        }}
      />
    </>
  );
}

async function importFiles(files: readonly File[]): Promise<ImportResult> {
  const results: ImportResult[] = [];
  for (const file of files) {
    try {
      // One after the other: each may be large.
      results.push(await importFile(file));
    } catch (error) {
      throw new Error(`${file.name}: ${messageOf(error)}`, { cause: error });
    }
  }
  const leftOut = results.flatMap(({ leftOut: each }) => each ?? []);
  return {
    traceIds: [...new Set(results.flatMap(({ traceIds }) => traceIds))],
    spans: results.reduce((sum, { spans }) => sum + spans, 0),
    logs: results.reduce((sum, { logs }) => sum + logs, 0),
    missingSpans: results.reduce((sum, { missingSpans }) => sum + missingSpans, 0),
    ...(leftOut.length > 0 && { leftOut: leftOut.join('; ') }),
  };
}

function importFile(file: File): Promise<ImportResult> {
  return ask<ImportResult>('/api/import', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: file,
  });
}
