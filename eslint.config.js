import js from '@eslint/js';
import globals from 'globals';

export default [
  js.configs.recommended,
  { files: ['web/frontend/**/*.js'], languageOptions: { globals: globals.browser } },
  {
    files: ['*.config.js', '**/*.build.js', 'tests/frontend/**/*.js'],
    languageOptions: { globals: globals.node },
  },
];
