import { find, findAll } from './dom';

const OFF = 'shortcuts-off';
const PLACE = 'shortcuts-row'; // where the list was left by a key

/** Single keys for lists and messages. They can be switched off (WCAG 2.1.4), in the dialog that "?" or its button opens. */
export function enhanceShortcuts(): void {
	const dialog = find<HTMLDialogElement>('dialog.keys');
	const place = find('[data-keys]');
	const isOn = dialog && find<HTMLInputElement>('#keys-on', dialog);
	if (!dialog || !place || !isOn) return;
	place.hidden = false;
	comeBack();
	isOn.checked = localStorage.getItem(OFF) === null;
	isOn.addEventListener('change', () => {
		if (isOn.checked) localStorage.removeItem(OFF);
		else localStorage.setItem(OFF, 'yes');
	});
	find('button', place)?.addEventListener('click', () => dialog.showModal());
	find('button', dialog)?.addEventListener('click', () => dialog.close());
	document.addEventListener('keydown', event => {
		if (!isOn.checked || dialog.open || !isMeant(event)) return;
		if (press(event.key, dialog)) event.preventDefault();
	});
}

/** Not while typing, and not what browsers do with Ctrl, Alt and Cmd. */
function isMeant(event: KeyboardEvent): boolean {
	if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return false;
	const target = event.target as Element;
	return !target.closest('textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])');
}

/** Whether the key did something. */
function press(key: string, dialog: HTMLDialogElement): boolean {
	switch (key) {
		case 'j': return step(1);
		case 'k': return step(-1);
		case 'x': return toggle();
		case 'e': return act('archive');
		case '#': return act('trash');
		case 'u': return act('unread');
		case 'r': return answer('#all-no');
		case 'a': return answer('#all-yes');
		case 'f': return follow('a[data-forward]');
		case '/': return search();
		case 'c': return follow('.nav-write');
		case '?': dialog.showModal(); return true;
		default: return false;
	}
}

const currentRow = () => document.activeElement?.closest('.row') ?? null;
const tickOf = (row: Element) => find<HTMLInputElement>('input[name=id]', row);

function step(by: number): boolean {
	const rows = findAll('.row');
	const at = rows.findIndex(row => row === currentRow());
	const next = rows[at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)];
	if (!next) return false;
	find('.row-link', next)?.focus();
	return true;
}

function toggle(): boolean {
	const row = currentRow();
	if (!row) return false;
	tickOf(row)?.click();
	return true;
}

/** The message of this page; or in a list those that are ticked, else the one that has the focus. */
function act(value: string): boolean {
	const form = find<HTMLFormElement>('form[data-acts], form[data-rows]');
	const button = form && find<HTMLButtonElement>(`button[name=act][value=${value}]`, form);
	if (!form || !button) return false;
	const ticks = findAll<HTMLInputElement>('input[type=checkbox][name=id]', form);
	if (form.matches('[data-rows]') && !ticks.some(tick => tick.checked)) {
		const row = currentRow();
		const tick = row && tickOf(row);
		if (!tick) return false;
		tick.checked = true;
	}
	const at = findAll('.row').findIndex(row => row === currentRow());
	if (at >= 0) sessionStorage.setItem(PLACE, `${at} ${location.pathname}`);
	form.requestSubmit(button);
	return true;
}

/** To the row that is now where the one was that a key has moved: whoever works down a list goes on there. */
function comeBack(): void {
	const [at = '', path] = (sessionStorage.getItem(PLACE) ?? '').split(' ');
	sessionStorage.removeItem(PLACE);
	const rows = findAll('.row');
	const row = rows[Math.min(Number(at), rows.length - 1)];
	if (path === location.pathname && row) find('.row-link', row)?.focus();
}

function answer(choice: string): boolean {
	const body = find<HTMLTextAreaElement>('.reply textarea[name=body]');
	if (!body) return false;
	const radio = find<HTMLInputElement>(choice);
	if (radio && !radio.disabled) radio.checked = true;
	body.focus();
	return true;
}

function search(): boolean {
	const field = find<HTMLInputElement>('.search input[name=q]');
	if (field) {
		field.focus();
		field.select();
	} else {
		location.assign('/search');
	}
	return true;
}

function follow(selector: string): boolean {
	const link = find<HTMLAnchorElement>(selector);
	link?.click();
	return link !== null;
}
