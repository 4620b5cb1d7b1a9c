/**
 * Languages and keyboards as Linux spells them (locale(7), keyboard(5), vconsole.conf(5)), from what Apply Windows
 * Settings says (S2-073): `de-DE` there is `de_DE.UTF-8` here. Pure.
 */

/** Undefined: it cannot be a locale. */
export function linuxLocale(text: string): string | undefined {
  const [, language = '', country = ''] = /^([a-z]{2,3})-([A-Z]{2})$/.exec(text) ?? []
  const locale = language === '' ? text : `${language}_${country}.UTF-8`
  return /^[A-Za-z]+(?:_[A-Z]{2})?(?:\.[A-Za-z0-9-]+)?(?:@[a-z]+)?$/.test(locale) ? locale : undefined
}

/** A layout of X11; undefined: it is none, or one of Windows. */
export function linuxKeyboard(text: string): string | undefined {
  const [, country] = /^[a-z]{2,3}-([A-Z]{2})$/.exec(text) ?? []
  const layout = (country ?? text).toLowerCase()
  return /^[a-z]{2,3}$/.test(layout) ? layout : undefined
}

export interface Languages {
  readonly locale: string
  readonly userLocale: string
  readonly uiLanguage: string
  readonly uiLanguageFallback: string
}

/** Lines of `locale.conf`. Formats follow the user's locale, messages the language of menus. */
export function printLocaleFile({ locale, userLocale, uiLanguage, uiLanguageFallback }: Languages): string {
  const formats = ['LC_NUMERIC', 'LC_TIME', 'LC_MONETARY', 'LC_PAPER', 'LC_MEASUREMENT']
  const languages = [uiLanguage, uiLanguageFallback].filter((name) => name !== '').map((name) => name.split('.')[0])
  return [
    ...(locale === '' ? [] : [`LANG=${locale}`]),
    ...(userLocale === '' ? [] : formats.map((name) => `${name}=${userLocale}`)),
    ...(uiLanguage === '' ? [] : [`LC_MESSAGES=${uiLanguage}`]),
    ...(languages.length === 0 ? [] : [`LANGUAGE=${languages.join(':')}`]),
    '',
  ].join('\n')
}

/** `NAME=value` in a file of such lines, whatever stood there before. */
export function withSetting(text: string, name: string, value: string): string {
  const others = text.split('\n').filter((line) => line !== '' && !line.startsWith(`${name}=`))
  return [...others, `${name}=${value}`, ''].join('\n')
}
