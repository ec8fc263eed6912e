export interface FunnelStep {
	key: string;
	label: string;
	value: number;
	/** What exactly is counted. */
	hint?: string;
}

/** The bars of a funnel in a box of 100 × 100, centred, with the share of the first step. */
export function funnelBars(steps: readonly FunnelStep[]): { key: string; x: number; width: number; height: number; share: number }[] {
	const most = Math.max(1, ...steps.map((step) => step.value));
	const first = steps[0]?.value ?? 0;
	const slot = 100 / Math.max(1, steps.length);
	return steps.map((step, i) => ({
		key: step.key,
		x: i * slot,
		width: slot,
		height: step.value === 0 ? 0 : Math.max(3, (step.value / most) * 100),
		share: first > 0 ? step.value / first : 0,
	}));
}
