// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

/// @title Evidence of metered energy
/// @notice One Merkle root per computing centre and hour; written once, never changed or removed.
/// @dev A restatement does not touch a root: it is published beside it, so that what was first said stays provable.
contract EvidenceRegistry is AccessManaged {
    /// @notice A root as it is anchored.
    struct Anchor {
        /// Hash of the centre's id.
        bytes32 centre;
        /// Start of the hour, seconds since 1970, UTC.
        uint64 hour;
        /// Number of leaves below the root.
        uint32 leaves;
        /// Root of the hour's evidence tree.
        bytes32 root;
    }

    /// @notice Root of a centre and hour; zero when none is anchored.
    mapping(bytes32 centre => mapping(uint64 hour => bytes32 root)) public rootOf;

    /// @notice A root was anchored.
    event RootAnchored(bytes32 indexed centre, uint64 indexed hour, bytes32 root, uint32 leaves);

    /// @notice Another root stands for this centre and hour.
    error EvidenceRootConflict(bytes32 centre, uint64 hour, bytes32 anchored);

    /// @notice The root is zero or the hour is not a whole one.
    error EvidenceInvalidAnchor(bytes32 centre, uint64 hour);

    /// @notice Fixes who says who may anchor.
    /// @param manager AccessManager with the anchor role.
    constructor(address manager) AccessManaged(manager) {}

    /// @notice Anchors roots. One that stands already is passed over, so that a repeated call is harmless.
    /// @dev Restricted to the anchor role. Reverts as a whole when one of them conflicts or is not valid.
    /// @param anchors The roots.
    /// @return added How many were new.
    function anchor(Anchor[] calldata anchors) external restricted returns (uint256 added) {
        for (uint256 i = 0; i < anchors.length; ++i) {
            Anchor calldata one = anchors[i];
            if (one.root == bytes32(0) || one.hour % 1 hours != 0) revert EvidenceInvalidAnchor(one.centre, one.hour);
            bytes32 standing = rootOf[one.centre][one.hour];
            if (standing == one.root) continue;
            if (standing != bytes32(0)) revert EvidenceRootConflict(one.centre, one.hour, standing);
            rootOf[one.centre][one.hour] = one.root;
            ++added;
            emit RootAnchored(one.centre, one.hour, one.root, one.leaves);
        }
    }
}
