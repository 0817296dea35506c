import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { de } from './de.js';
import { en, type Word } from './en.js';

export type { Word } from './en.js';

/** The languages of the screens. */
export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;

const texts: Readonly<Record<Language, Readonly<Record<Word, string>>>> = { en, de };

interface Speech {
  readonly language: Language;
  /** How numbers and times are written: as the system does where it speaks this language. */
  readonly locale: string;
  readonly setLanguage: (language: Language) => void;
  /** A word or sentence in the language, with its gaps filled. */
  readonly t: (word: Word, gaps?: Readonly<Record<string, string | number>>) => string;
  /** The word for something that the server names, such as a scenario; without one, its name, readable. */
  readonly named: (kind: string, name: string) => string;
}

const SpeechContext = createContext<Speech | undefined>(undefined);
const KEY = 'twinergy-language';

function languageAtFirst(): Language {
  const kept = localStorage.getItem(KEY) ?? navigator.language.slice(0, 2);
  return kept in languages ? (kept as Language) : 'en';
}

/** Gives the language to what is below. */
export function SpeechProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState(languageAtFirst);
  useEffect(() => {
    localStorage.setItem(KEY, language);
    document.documentElement.lang = language;
  }, [language]);
  const t = useCallback<Speech['t']>(
    (word, gaps = {}) => texts[language][word].replace(/\{(\w+)\}/g, (gap, name: string) => String(gaps[name] ?? gap)),
    [language],
  );
  const named = useCallback<Speech['named']>(
    (kind, name) => {
      const word = `${kind}.${name}`;
      return word in en ? texts[language][word as Word] : name.replace(/[-_]/g, ' ');
    },
    [language],
  );
  const speech = useMemo(() => {
    const locale = navigator.language.startsWith(language) ? navigator.language : language;
    return { language, locale, setLanguage, t, named };
  }, [language, t, named]);
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}

/** The language, and its words. */
export function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (speech === undefined) throw new Error('There is no language here.');
  return speech;
}
