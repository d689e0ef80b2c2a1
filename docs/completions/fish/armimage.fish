# SPDX-License-Identifier: GPL-3.0-or-later
# Written by docs/generate.py (make docs).
function _armimage_completion;
    set -l response (env _ARMIMAGE_COMPLETE=fish_complete COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -t) armimage);

    for completion in $response;
        set -l metadata (string split "," $completion);

        if test $metadata[1] = "dir";
            __fish_complete_directories $metadata[2];
        else if test $metadata[1] = "file";
            __fish_complete_path $metadata[2];
        else if test $metadata[1] = "plain";
            echo $metadata[2];
        end;
    end;
end;

complete --no-files --command armimage --arguments "(_armimage_completion)";
