import { take, upload } from '$kit/api/client';
import { asApiError, type ApiError } from '$kit/api/errors';
import type { Brand, BrandInput } from '$kit/api/types/staff';
import { Form } from '$kit/forms/form.svelte';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Api } from '$staff/api';
import { t } from '$staff/i18n';

export type ImageKind = 'logo' | 'icon' | 'cover';

const fields = ['name', 'description', 'accent', 'accent_2', 'support_email', 'copyright'] as const;
const pictureTypes = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];
const pictureLimit = 5 * 1024 * 1024;
const colour = /^#[0-9a-f]{6}$/i;

function inputOf(brand: Brand): BrandInput {
	return Object.fromEntries(fields.map((field) => [field, brand[field]])) as unknown as BrandInput;
}

/** A colour a browser takes; black while it is being typed. */
export function safeColour(text: string): string {
	return colour.test(text) ? text : '#000000';
}

/** Name, colours and pictures of the business; one for the whole window. */
export class BrandState {
	value = $state.raw<Brand | undefined>(undefined);
	form = $state.raw<Form<BrandInput> | undefined>(undefined);
	error = $state.raw<ApiError | undefined>(undefined);

	constructor(
		private api: Api,
		private toasts: Toasts,
	) {}

	/** Fetches anew; what is being typed stays. */
	async load(): Promise<void> {
		try {
			this.#show(await take(this.api.GET('/api/staff/branding')));
			this.error = undefined;
		} catch (thrown) {
			this.error = asApiError(thrown);
		}
	}

	async save(): Promise<boolean> {
		const saved = await this.form?.submit(async (values) => {
			const brand = await take(this.api.PUT('/api/staff/branding', { body: values }));
			this.value = brand;
			return inputOf(brand);
		});
		return saved ?? false;
	}

	async setImage(kind: ImageKind, file: File): Promise<void> {
		if (!pictureTypes.includes(file.type) || file.size > pictureLimit) {
			this.toasts.error(t('branding.picture_type'));
			return;
		}
		await this.#try(async () => take(this.api.PUT('/api/staff/branding/images/{kind}', { params: { path: { kind } }, ...upload(await file.arrayBuffer(), file.type) })));
	}

	async removeImage(kind: ImageKind): Promise<void> {
		await this.#try(() => take(this.api.DELETE('/api/staff/branding/images/{kind}', { params: { path: { kind } } })));
	}

	async #try(change: () => Promise<Brand>): Promise<void> {
		try {
			this.#show(await change());
		} catch (thrown) {
			this.toasts.error(asApiError(thrown).message);
		}
	}

	#show(brand: Brand): void {
		this.value = brand;
		const input = inputOf(brand);
		const check = (values: BrandInput) => Object.fromEntries((['accent', 'accent_2'] as const).filter((field) => values[field] && !colour.test(values[field])).map((field) => [field, t('branding.colour_bad')]));
		if (this.form) this.form.refresh(input);
		else this.form = new Form(input, { check });
	}
}
