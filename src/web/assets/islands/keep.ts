import { find } from './dom';

interface Kept { key: string; fields: Record<string, string> }

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
		if (!typed.body?.trim()) return;
		history.replaceState({ kept: { key: key.value, fields: typed } satisfies Kept }, '');
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
}
