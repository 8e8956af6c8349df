import { find, findAll } from './dom';
import { readPage } from './page';

const PAUSE_MS = 200;

/** The list of people follows what is typed and chosen above it: the page that the form would show is asked for, and its list put in place of
 * this one. Without this the button does it. */
export function enhancePeopleFind(): void {
	const form = find<HTMLFormElement>('form[data-live-find]');
	const place = find('[data-live-found]');
	if (!form || !place) return;
	let waiting: ReturnType<typeof setTimeout> | undefined;
	let asking = new AbortController();
	let shown = pathOf(form);
	const ask = async () => {
		const path = pathOf(form);
		if (path === shown) return;
		shown = path;
		asking.abort();
		asking = new AbortController();
		const page = await readPage(path, { signal: asking.signal });
		if (!page || path !== pathOf(form)) return; // out of reach: the button tells why; or typed on meanwhile
		show(place, page);
		history.replaceState(null, '', path);
	};
	const later = () => {
		clearTimeout(waiting);
		waiting = setTimeout(() => { void ask(); }, PAUSE_MS);
	};
	form.addEventListener('input', later);
	form.addEventListener('change', later);
}

function pathOf(form: HTMLFormElement): string {
	const fields = new URLSearchParams();
	for (const [name, value] of new FormData(form)) if (typeof value === 'string' && value) fields.append(name, value);
	const query = fields.toString();
	return `${new URL(form.action).pathname}${query ? `?${query}` : ''}`;
}

function show(place: HTMLElement, page: Document): void {
	const found = find('[data-live-found]', page);
	if (!found) return;
	place.replaceChildren(...[...found.childNodes].map(node => document.importNode(node, true)));
	const bar = find('.users-list .bar');
	if (bar) bar.hidden = findAll('input[name=id]', place).length === 0;
	place.dispatchEvent(new Event('change', { bubbles: true })); // nobody is ticked any more
}
