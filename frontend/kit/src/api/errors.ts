/** One field that the server refused, with the sentence to show beside it. */
export interface FieldError {
	field: string;
	code: string;
	message: string;
}

/** RFC 9457 as Portico sends it. */
export interface Problem {
	type?: string;
	code?: string;
	title?: string;
	status?: number;
	detail?: string;
	errors?: FieldError[] | null;
}

/** Whatever went wrong with a request: one kind of error for the whole program. */
export class ApiError extends Error {
	readonly code: string;
	readonly status: number;
	readonly title: string;
	readonly fields: readonly FieldError[];

	constructor(problem: Problem, status: number) {
		super(problem.detail || problem.title || `HTTP ${status}`);
		this.name = 'ApiError';
		this.code = problem.code ?? 'unknown';
		this.status = status;
		this.title = problem.title ?? '';
		this.fields = problem.errors ?? [];
	}

	/** The server was not reached: nothing was saved and nothing is wrong with the input. */
	get offline(): boolean {
		return this.status === 0;
	}
}

/** Makes an ApiError of a response that is not ok, whatever its body holds. */
export async function errorOf(response: Response): Promise<ApiError> {
	const text = await response.text().catch(() => '');
	try {
		const problem: unknown = JSON.parse(text);
		if (problem && typeof problem === 'object') return new ApiError(problem, response.status);
	} catch {
		// A proxy's HTML page is no sentence for a person: the status has to do.
	}
	return new ApiError({}, response.status);
}

/** Anything thrown, as an ApiError; a fetch that failed or took too long is "offline". */
export function asApiError(thrown: unknown): ApiError {
	if (thrown instanceof ApiError) return thrown;
	if (thrown instanceof TypeError || (thrown instanceof DOMException && thrown.name === 'TimeoutError')) return new ApiError({ code: 'offline' }, 0);
	return new ApiError({ detail: thrown instanceof Error ? thrown.message : String(thrown) }, -1);
}

export function isAbort(thrown: unknown): boolean {
	return thrown instanceof DOMException && thrown.name === 'AbortError';
}
