import { COMPONENT_OPTIONS, SERVICE_OPTIONS } from './component-options.ts';
import { KINDS, typeOf } from './collector-config.ts';
import type { CollectorConfig } from './collector-config.ts';
import { fits, MapOf } from './option-kinds.ts';
import type { Form } from './option-kinds.ts';
import { entries, isMapping } from './yaml-files.ts';
import type { Value } from './yaml-files.ts';

/** Options that the components do not have, and values that they do not take, one sentence each. */
export function optionFaults(config: CollectorConfig): string[] {
  const sections = new Set<string>([...KINDS, 'service']);
  return [
    ...entries(config.source)
      .filter(([section]) => !sections.has(section))
      .map(([section]) => `${section}: no such section`),
    ...KINDS.flatMap((kind) =>
      config.components(kind).flatMap(([id, options]) => {
        const form = COMPONENT_OPTIONS[kind]?.[typeOf(id)];
        return form === undefined
          ? [`${kind}.${id}: no such component`]
          : misfits(options, form, `${kind}.${id}`);
      }),
    ),
    ...entries(config.source['service'])
      .filter(([option]) => option !== 'pipelines')
      .flatMap(([option, value]) => misfits({ [option]: value }, SERVICE_OPTIONS, 'service')),
  ];
}

function misfits(value: Value, form: Form, path: string): string[] {
  if (typeof form === 'string') {
    return fits(value, form) ? [] : [`${path}: expected ${form}, got ${JSON.stringify(value)}`];
  }
  if (isList(form)) {
    if (!Array.isArray(value)) return [`${path}: expected a list, got ${JSON.stringify(value)}`];
    return value.flatMap((item: Value, index) => misfits(item, form[0], `${path}[${index}]`));
  }
  if (!isMapping(value)) return [`${path}: expected options, got ${JSON.stringify(value)}`];
  return entries(value).flatMap(([key, inner]) => {
    const below = form instanceof MapOf ? form.form : form[key];
    return below === undefined ? [`${path}.${key}: no such option`] : misfits(inner, below, `${path}.${key}`);
  });
}

function isList(form: Exclude<Form, string>): form is readonly [Form] {
  return Array.isArray(form);
}
