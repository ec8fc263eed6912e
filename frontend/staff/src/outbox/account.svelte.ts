import { take } from '$kit/api/client';
import { asApiError, type ApiError } from '$kit/api/errors';
import type { Account, AccountInput, Preset, TestStep } from '$kit/api/types/staff';
import { Form } from '$kit/forms/form.svelte';
import type { Toasts } from '$kit/ui/toast/toasts.svelte';
import type { Api } from '$staff/api';
import { t } from '$staff/i18n';

const fields = ['kind', 'host', 'port', 'security', 'username', 'from_name', 'from_address', 'preset'] as const;

/** What is set up; where nothing is, how most providers want it. */
function inputOf(account: Account): AccountInput {
	const entered = Object.fromEntries(fields.map((field) => [field, account[field]])) as unknown as AccountInput;
	return { ...entered, kind: entered.kind || 'smtp', port: entered.port || 587, security: entered.security || 'starttls', password: '' };
}

/** The mail account, its presets and its test. */
export class MailAccount {
	account = $state.raw<Account | undefined>(undefined);
	presets = $state.raw<Preset[]>([]);
	form = $state.raw<Form<AccountInput> | undefined>(undefined);
	error = $state.raw<ApiError | undefined>(undefined);
	testing = $state(false);
	result = $state.raw<{ ok: boolean; steps: TestStep[] } | undefined>(undefined);
	testError = $state.raw<ApiError | undefined>(undefined);

	constructor(
		private api: Api,
		private toasts: Toasts,
	) {}

	async load(): Promise<void> {
		try {
			const [account, presets] = await Promise.all([take(this.api.GET('/api/staff/mail/account')), take(this.api.GET('/api/staff/mail/presets'))]);
			this.presets = presets.items;
			this.#show(account);
			this.error = undefined;
		} catch (thrown) {
			this.error = asApiError(thrown);
		}
	}

	/** When all is well, where mail goes. Undefined when there is something else to say. */
	get standing(): string | undefined {
		if (!this.account?.configured || this.account.status.state !== 'ok') return undefined;
		const { kind, host, files_dir } = this.account;
		return kind === 'files' ? t('account.goes_to_files', { folder: files_dir }) : t('account.goes_through', { host });
	}

	get preset(): Preset | undefined {
		return this.presets.find((preset) => preset.key === this.form?.values.preset);
	}

	/** Fills in what the provider wants; "" is another provider. */
	choosePreset(key: string): void {
		if (!this.form) return;
		const preset = this.presets.find((one) => one.key === key);
		this.form.values.preset = key;
		if (!preset) return;
		this.form.values.host = preset.host;
		this.form.values.port = preset.port;
		this.form.values.security = preset.security;
	}

	async save(): Promise<void> {
		const saved = await this.form?.submit(async (values) => {
			const account = await take(this.api.PUT('/api/staff/mail/account', { body: tidy(values) }));
			this.account = account;
			return inputOf(account);
		});
		if (!saved || !this.form) return;
		this.form.values.password = '';
		this.toasts.show({ text: t('account.saved') });
	}

	/** Tries what is entered, saved or not. */
	async test(to: string): Promise<void> {
		if (!this.form) return;
		this.testing = true;
		this.result = this.testError = undefined;
		try {
			this.result = await take(this.api.POST('/api/staff/mail/test', { body: { to, account: tidy($state.snapshot(this.form.values)) } }));
		} catch (thrown) {
			this.testError = asApiError(thrown);
		}
		this.testing = false;
	}

	async resume(): Promise<void> {
		try {
			this.account = await take(this.api.POST('/api/staff/mail/account/resume'));
		} catch (thrown) {
			this.toasts.error(asApiError(thrown).message);
		}
	}

	#show(account: Account): void {
		this.account = account;
		if (this.form) this.form.refresh(inputOf(account));
		else this.form = new Form(inputOf(account));
	}
}

/** An empty password means "keep"; a port typed as text becomes a number. */
function tidy(values: AccountInput): AccountInput {
	const { password, ...rest } = values;
	return { ...rest, port: Number(rest.port) || 0, ...(password ? { password } : {}) };
}
