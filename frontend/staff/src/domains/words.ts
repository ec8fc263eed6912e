import type { Domain, DomainFinding, DomainUpdate } from '$kit/api/types/staff';

type Colour = 'green' | 'amber' | 'red' | 'blue' | 'gray';

/** How the whole looks. */
export const standingKind: Record<Domain['state'], 'blue' | 'green' | 'amber' | 'red'> = { default: 'blue', waiting: 'blue', ready: 'green', updating: 'blue', active: 'green', trouble: 'amber' };

/** How grave a finding is. */
export const severityColour: Record<DomainFinding['severity'], Colour> = { error: 'red', wait: 'blue', warning: 'amber', info: 'gray', ok: 'green' };

/** How far a step is. */
export const stepColour: Record<DomainUpdate['steps'][number]['state'], Colour> = { todo: 'gray', running: 'blue', done: 'green', failed: 'red', skipped: 'gray' };

/** How a certificate stands. */
export const certificateColour: Record<NonNullable<Domain['certificate']>['state'], Colour> = {
	none: 'gray',
	waiting_dns: 'blue',
	checking: 'blue',
	obtaining: 'blue',
	active: 'green',
	renewing: 'green',
	failing: 'amber',
	expired: 'red',
};
