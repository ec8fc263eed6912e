import type { PortalState } from '$kit/api/types/staff';

/** How a portal state looks; the word is the message `access.state_<state>`. */
export const stateLook: Record<PortalState, { color: 'green' | 'amber' | 'red' | 'blue' | 'gray'; hollow: boolean }> = {
	none: { color: 'gray', hollow: true },
	invited: { color: 'blue', hollow: true },
	accepted: { color: 'blue', hollow: true },
	opened: { color: 'blue', hollow: false },
	joined: { color: 'green', hollow: false },
	suspended: { color: 'amber', hollow: false },
	undelivered: { color: 'red', hollow: false },
};
