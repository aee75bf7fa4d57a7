"""Charts as Vega-Lite: what tables and logs show, drawn. Each is made once for a run and sent as it is."""
