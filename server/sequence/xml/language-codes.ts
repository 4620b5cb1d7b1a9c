/** Languages as numbers, as Windows counts them (MS-LCID section 2.2): those that Windows itself is sold in. */

const languages: Readonly<Record<string, number>> = {
  'ar-SA': 1025,
  'bg-BG': 1026,
  'cs-CZ': 1029,
  'da-DK': 1030,
  'de-DE': 1031,
  'el-GR': 1032,
  'en-GB': 2057,
  'en-US': 1033,
  'es-ES': 3082,
  'es-MX': 2058,
  'et-EE': 1061,
  'fi-FI': 1035,
  'fr-CA': 3084,
  'fr-FR': 1036,
  'he-IL': 1037,
  'hr-HR': 1050,
  'hu-HU': 1038,
  'it-IT': 1040,
  'ja-JP': 1041,
  'ko-KR': 1042,
  'lt-LT': 1063,
  'lv-LV': 1062,
  'nb-NO': 1044,
  'nl-NL': 1043,
  'pl-PL': 1045,
  'pt-BR': 1046,
  'pt-PT': 2070,
  'ro-RO': 1048,
  'ru-RU': 1049,
  'sk-SK': 1051,
  'sl-SI': 1060,
  'sv-SE': 1053,
  'th-TH': 1054,
  'tr-TR': 1055,
  'uk-UA': 1058,
  'zh-CN': 2052,
  'zh-TW': 1028,
}

export function languageCode(language: string): number | undefined {
  return Object.entries(languages).find(([name]) => name.toLowerCase() === language.toLowerCase())?.[1]
}

export function languageOfCode(code: number): string | undefined {
  return Object.entries(languages).find(([, known]) => known === code)?.[0]
}
