import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import reactHooks from 'eslint-plugin-react-hooks';

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '.alex', '.wrangler', '**/*.gen.ts'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['web/**/*.tsx', 'web/**/*.ts'],
    plugins: { 'react-hooks': reactHooks },
    rules: reactHooks.configs.recommended.rules,
  },
  // The one way out of an actor: the platform collects console output.
  { files: ['workers/shared/log.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['scripts/**', 'bench/**', 'cli/**', '**/*.mjs'],
    rules: { 'no-console': 'off', 'no-undef': 'off' },
  },
  { files: ['**/*.ts', '**/*.tsx', '**/*.mjs', '**/*.js'], rules: { 'no-undef': 'off' } },
);
