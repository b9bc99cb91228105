"""Many notes: coded part by part into a folder, in this process or by workers of Ray, so that a run can go on."""
