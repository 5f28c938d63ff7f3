// Shows the plan of a change over several files before it is carried out: any of its steps can be left out.
import * as vscode from 'vscode';
import type { PlanParams } from './protocol';
import { fileName } from './status';

/** The steps to carry out, by index; null when the user rather does not. */
export async function confirm(plan: PlanParams, token: vscode.CancellationToken): Promise<{ steps: number[] } | null> {
  const items = plan.steps.map((step, index) => ({ label: step.title, description: step.uri && fileName(step.uri), picked: true, index }));
  const takes = plan.takes_ms >= 1000 ? `, about ${Math.round(plan.takes_ms / 1000)} s` : '';
  const by = plan.model ? ` by ${plan.model}` : '';
  const options = {
    title: plan.title,
    placeHolder: `The plan${by}: Enter carries out what is ticked${takes}`,
    canPickMany: true as const,
    ignoreFocusOut: true,
  };
  const picked = await vscode.window.showQuickPick(items, options, token);
  return picked?.length ? { steps: picked.map((item) => item.index) } : null;
}
