/** Transformations, then field config and overrides, by the code that Grafana itself runs. */

import {
  applyFieldOverrides,
  cacheFieldDisplayNames,
  type DataFrame,
  FieldConfigOptionsRegistry,
  FieldType,
  standardTransformers,
  standardTransformersRegistry,
  transformDataFrame,
} from '@grafana/data';
import { firstValueFrom } from 'rxjs';
import { theme, timeZone } from './params';
import { substitute, type Variable } from './variables';

const all = Object.values(standardTransformers) as any[];
const unique = all.filter((each, i) => all.findIndex((other) => other.id === each.id) === i);
standardTransformersRegistry.setInit(() =>
  unique.map((each) => ({ ...each, transformation: () => Promise.resolve(each), editor: (() => null) as any }))
);

const NUMBERS_ONLY = ['min', 'max', 'decimals', 'color', 'thresholds'];

/**
 * The registry of field options lives in Grafana's server, so every option of the panel gets an item here that passes
 * its value through.
 */
function registry(config: any): FieldConfigOptionsRegistry {
  const ids = new Set<string>(['unit', 'displayName', 'noValue', 'mappings', 'links', ...NUMBERS_ONLY]);
  Object.keys(config.defaults ?? {}).forEach((id) => id !== 'custom' && ids.add(id));
  Object.keys(config.defaults?.custom ?? {}).forEach((id) => ids.add(`custom.${id}`));
  for (const rule of config.overrides ?? []) {
    rule.properties.forEach((property: any) => ids.add(property.id));
  }
  const items = [...ids].map((id) => {
    const isCustom = id.startsWith('custom.');
    return {
      id,
      path: isCustom ? id.slice('custom.'.length) : id,
      isCustom,
      process: (value: any) => value,
      shouldApply: (field: any) => !NUMBERS_ONLY.includes(id) || field.type === FieldType.number,
    };
  });
  return new FieldConfigOptionsRegistry(() => items as any);
}

/** The first step counts from minus infinity, which JSON can only write as null. */
function withInfinity(thresholds: any): any {
  const steps = thresholds?.steps?.map((step: any, i: number) => (i === 0 ? { ...step, value: -Infinity } : step));
  return thresholds && { ...thresholds, steps };
}

/** The field config of a panel as Grafana holds it in memory. */
export function fieldConfig(panel: any): any {
  const { defaults = {}, overrides = [] } = panel.fieldConfig ?? {};
  return {
    defaults: defaults.thresholds ? { ...defaults, thresholds: withInfinity(defaults.thresholds) } : defaults,
    overrides: overrides.map((rule: any) => ({
      ...rule,
      properties: rule.properties.map((property: any) =>
        property.id === 'thresholds' ? { ...property, value: withInfinity(property.value) } : property
      ),
    })),
  };
}

/** Frames as the panel draws them. */
export async function prepare(panel: any, frames: DataFrame[], variables: Variable[]): Promise<DataFrame[]> {
  const steps = (panel.transformations ?? []).filter((each: any) => !each.disabled);
  const data = steps.length ? await firstValueFrom(transformDataFrame(steps, frames)) : frames;
  const config = fieldConfig(panel);
  const shown = applyFieldOverrides({
    data,
    fieldConfig: config,
    fieldConfigRegistry: registry(config),
    replaceVariables: (text: string) => substitute(text, variables),
    theme,
    timeZone,
  });
  cacheFieldDisplayNames(shown);
  return shown;
}
