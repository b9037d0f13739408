harvest([{"eprintid":850565,"title":"Another"},{"eprintid":857166,"title":"Moss, once more","eprint_status":"archive"}]);
