import { expect, it } from 'vitest';
import { funnelBars } from './funnel';

const steps = (...values: number[]) => values.map((value, i) => ({ key: String(i), label: '', value }));

it('draws shares of the first step', () => {
	const bars = funnelBars(steps(100, 50, 1, 0));
	expect(bars.map((bar) => bar.height)).toEqual([100, 50, 3, 0]);
	expect(bars.map((bar) => bar.share)).toEqual([1, 0.5, 0.01, 0]);
	expect(bars.map((bar) => bar.x)).toEqual([0, 25, 50, 75]);
});

it('survives zero', () => {
	expect(funnelBars(steps(0, 0)).map((bar) => bar.height)).toEqual([0, 0]);
	expect(funnelBars([])).toEqual([]);
});
