import { find, findAll } from '../dom';
import type { Words } from './words';

export interface LibraryFile { id: string; name: string; kind: string; size: string; bytes: number; note: string }
interface Answer { files: LibraryFile[]; next: string; said: string }

const TYPING_MS = 200;

/** A dialog with what was sent or received before. */
export async function chooseFromLibrary(area: HTMLElement, words: Words, attach: (files: LibraryFile[]) => void): Promise<void> {
	const dialog = find<HTMLDialogElement>('dialog[data-library]', area);
	if (dialog) new Library(dialog, words, attach).open();
}

class Library {
	private readonly list: HTMLElement;
	private readonly state: HTMLElement;
	private readonly more: HTMLButtonElement;
	private readonly button: HTMLButtonElement;
	private readonly search: HTMLInputElement;
	private readonly files = new Map<string, LibraryFile>();
	private readonly closed = new AbortController();
	private next = '';
	private turn = 0;
	private typing: number | undefined;

	constructor(private readonly dialog: HTMLDialogElement, private readonly words: Words, private readonly attach: (files: LibraryFile[]) => void) {
		this.list = find('[data-library-list]', dialog)!;
		this.state = find('[data-library-state]', dialog)!;
		this.more = find<HTMLButtonElement>('[data-library-more]', dialog)!;
		this.button = find<HTMLButtonElement>('[data-library-attach]', dialog)!;
		this.search = find<HTMLInputElement>('input[type=search]', dialog)!;
	}

	open(): void {
		const { signal } = this.closed;
		this.search.value = '';
		this.search.addEventListener('input', () => {
			clearTimeout(this.typing);
			this.typing = window.setTimeout(() => void this.look(), TYPING_MS);
		}, { signal });
		// The dialog stands in the form of the message: Enter is not to send that.
		this.dialog.addEventListener('keydown', event => {
			if (event.key === 'Enter' && (event.target as Element).matches('input')) event.preventDefault();
		}, { signal });
		this.dialog.addEventListener('input', event => event.stopPropagation(), { signal });
		this.more.addEventListener('click', () => void this.read(this.next), { signal });
		this.button.addEventListener('click', () => this.done(), { signal });
		this.list.addEventListener('change', () => this.offer(), { signal });
		this.offer();
		find('[data-library-close]', this.dialog)!.addEventListener('click', () => this.dialog.close(), { signal });
		this.dialog.addEventListener('close', () => this.closed.abort(), { signal });
		this.dialog.showModal();
		void this.look();
	}

	/** There is something to attach once something is ticked. */
	private offer(): void {
		this.button.disabled = !find('input:checked', this.list);
	}

	private look(): Promise<void> {
		// What is ticked stays while one searches for more.
		for (const item of findAll('li', this.list)) if (!find<HTMLInputElement>('input', item)?.checked) item.remove();
		return this.read('');
	}

	private async read(cursor: string): Promise<void> {
		const turn = ++this.turn;
		const query = new URLSearchParams({ q: this.search.value, cursor });
		try {
			const response = await fetch(`/compose/files?${query}`, { signal: this.closed.signal });
			if (!response.ok || turn !== this.turn) throw new Error();
			const answer = await response.json() as Answer;
			if (turn !== this.turn) return;
			this.show(answer);
		} catch {
			if (turn === this.turn && !this.closed.signal.aborted) this.state.textContent = this.words.say('libraryTrouble');
		}
	}

	private show({ files, next, said }: Answer): void {
		const template = find<HTMLTemplateElement>('template', this.dialog)!;
		for (const file of files) {
			if (find(`input[value="${CSS.escape(file.id)}"]`, this.list)) continue;
			const item = find('li', template.content)!.cloneNode(true) as HTMLElement;
			const input = find<HTMLInputElement>('input', item)!;
			input.value = file.id;
			input.id = `library-${file.id}`;
			find('label', item)!.setAttribute('for', input.id);
			find('.file-kind', item)!.textContent = file.kind;
			find('bdi', item)!.textContent = file.name;
			find('.file-note', item)!.textContent = `${file.size} · ${file.note}`;
			this.files.set(file.id, file);
			this.list.append(item);
		}
		this.next = next;
		this.more.hidden = next === '';
		this.state.textContent = said;
	}

	private done(): void {
		const ticked = findAll<HTMLInputElement>('input:checked', this.list).map(input => this.files.get(input.value));
		this.attach(ticked.filter(file => file !== undefined));
		this.list.replaceChildren();
		this.dialog.close();
	}
}
