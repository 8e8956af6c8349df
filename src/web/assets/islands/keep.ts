import { find, findAll } from './dom';

interface Kept { key: string; fields: Record<string, string>; files: string[] }

const NAMES = ['to', 'cc', 'bcc', 'subject', 'body', 'draft', 'version'];
const unsent = (key: string): string => `unsent:${key}`;

/**
 * Coming back to a form by the Back button, one finds all of it, or, once it was sent, an empty one. The text is kept with
 * the page in the history of its tab, as browsers keep forms; the storage of the tab holds only the form's random key, which
 * sending and signing out take away, and without which the text is not shown again.
 */
export function keepForms(): void {
	forgetSent();
	const form = find<HTMLFormElement>('form[data-guard]');
	const key = form && find<HTMLInputElement>('input[name=key]', form);
	if (!form || !key) return;
	form.autocomplete = 'off'; // what browsers bring back by themselves is only a part of it
	takeBack(form, key);
	const keep = () => {
		const typed = valuesOf(form);
		const files = findAll<HTMLInputElement>('input[name=file]', form).map(field => field.value);
		if (!typed.body?.trim() && files.length === 0) return;
		history.replaceState({ kept: { key: key.value, fields: typed, files } satisfies Kept }, '');
		sessionStorage.setItem(unsent(key.value), '');
	};
	addEventListener('beforeunload', keep);
	form.addEventListener('submit', () => {
		keep();
		sessionStorage.setItem('sending', key.value);
	});
	addEventListener('pageshow', event => {
		if (event.persisted && sessionStorage.getItem(unsent(key.value)) === null) location.reload();
	});
}

/** The page that follows says that it was sent. */
function forgetSent(): void {
	if (!find('.notice') || !/[?&]done=(sent|replied)\b/.test(location.search)) return;
	sessionStorage.removeItem(unsent(sessionStorage.getItem('sending') ?? ''));
}

const fieldOf = (form: HTMLFormElement, name: string) =>
	find<HTMLInputElement | HTMLTextAreaElement>(`#${name}[name=${name}]`, form);

function valuesOf(form: HTMLFormElement): Record<string, string> {
	return Object.fromEntries(NAMES.flatMap(name => {
		const field = fieldOf(form, name);
		return field ? [[name, field.value]] : [];
	}));
}

function takeBack(form: HTMLFormElement, key: HTMLInputElement): void {
	const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
	if (entry?.type !== 'back_forward') return;
	const kept = (history.state as { kept?: Kept } | null)?.kept;
	form.reset();
	if (!kept || sessionStorage.getItem(unsent(kept.key)) === null) return;
	key.value = kept.key;
	for (const [name, value] of Object.entries(kept.fields)) {
		const field = fieldOf(form, name);
		if (field) field.value = value;
	}
	if (kept.fields.cc || kept.fields.bcc) find('details.more', form)?.setAttribute('open', '');
	if (kept.files.length > 0 && kept.fields.version === '0' && form.id === 'compose') void openWithFiles(form, kept.files);
}

/** Left before its address was that of a draft, it comes back without its files: the draft has them. */
async function openWithFiles(form: HTMLFormElement, files: string[]): Promise<void> {
	const body = new URLSearchParams(files.map(id => ['file', id]));
	for (const [name, value] of new FormData(form)) if (typeof value === 'string') body.append(name, value);
	const response = await fetch(form.dataset.save!, { method: 'POST', body, redirect: 'manual' }).catch(() => undefined);
	if (!response?.ok) return;
	const { draft } = await response.json() as { draft: string };
	location.replace(`/compose?draft=${draft}`);
}
