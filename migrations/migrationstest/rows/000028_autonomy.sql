UPDATE ai_settings SET autonomy = 'shadow';
UPDATE conversations SET decision = 'shadow' WHERE id = (SELECT min(id) FROM conversations WHERE decision = 'proposal');
